"""Everything that we parse ourselves, fed with what nobody should send.

mutation   samples spoilt by chance, and put together of the words of their own grammar
target     what a parser has to stand, and how long it may take
answers    the model's server: streams, answers, refusals, waits, transcriptions, calls
files      members' sound: what it is, how long, and the worker's reports of it
words      what is posted, spoken and logged
inputs     custom ids, settings of rooms and of the owner, addresses
"""

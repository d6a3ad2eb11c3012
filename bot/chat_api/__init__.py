"""The HTTP API of the model: chat completions with audio.

request     our prompt as JSON
answer      their JSON as our reply; usage: its tokens by kind
failures    refusals of every shape as our errors
retries     whether and when to ask again
address     where a base URL leads
client      the calls themselves; the only module here that awaits
"""

"""Sound for trials, tests and measurements: whole, spoilt and hostile.

sounds     speech-like samples, and real files of every container made from them
mutants    the same, spoilt in every way
bombs      small files that would become gigabytes
decoys     files that point to other files and to servers
oddities   files that are broken by hand
trap       a file that must not be read, and doors nobody may knock at
"""

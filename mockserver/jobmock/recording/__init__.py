"""Recording: a proxy before the live host, and what it saw written as scenarios in which nothing real is left.

upstream  proxy        sockets: passes requests on, and answers back, broken ones as they broke
recorder  minding      takes what was seen · what is said of it, and of errors
exchanges  echo        a line for each exchange, at once · what stands in it for what is hidden
scenarios  behind      a file for each job, kept true · in a thread for which nobody waits
files  text            claims, replaces and extends files · a scenario as commented YAML
fitting                a story → the scenario that a mock must play to tell it again
steps  troubles  shadow  declared  scoring    its parts
story  distilling      which job an exchange belongs to · what may be known of it
allowed  listing       the allow-list · what the documents list, place by place
differing              what tells two bodies apart
seen                   one exchange as it was seen; it never leaves the memory
"""

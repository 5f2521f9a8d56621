"""Recording: a proxy before the live host, and what it saw written as scenarios in which nothing real is left.

upstream  proxy        sockets: passes requests on, and answers back, broken ones as they broke
recorder               the one mutable thing: takes what was seen, keeps the files true
files  text            claims and replaces files · a scenario as commented YAML
fitting                a story → the scenario that a mock must play to tell it again
steps  troubles  shadow  declared  scoring    its parts
story  distilling      which job an exchange belongs to · what may be known of it
allowed  listing       the allow-list · what the documents list, place by place
differing              what tells two bodies apart
seen                   one exchange as it was seen; it never leaves the memory
"""

"""The control API under `/__jobmock/`: JSON in, JSON out, errors as RFC 9457 problem documents.

A call acts on the namespace of the bearer key it carries; without a key, on all namespaces and those to come.
"""

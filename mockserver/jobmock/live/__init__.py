"""Live and recorded answers: held against the contract, reported, recorded as scenarios."""

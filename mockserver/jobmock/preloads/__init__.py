"""What a client's own process loads to take part in virtual time."""

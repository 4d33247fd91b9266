"""Tables, sessions and repositories."""

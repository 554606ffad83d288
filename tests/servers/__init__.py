"""Real servers, real databases, and a real client over a socket."""

"""Tunnels: programs that make a relay on this machine reachable for Knock."""

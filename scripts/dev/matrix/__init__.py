"""make matrix: every OpenSSL that is pinned, under several conditions."""

"""Who somebody is: by password, by a proxy that vouches for them, or by an identity provider."""

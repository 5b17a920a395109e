"""The interface (接口) for programs: the same result objects as everywhere, behind a token, described by OpenAPI."""

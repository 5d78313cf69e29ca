"""The loader of YAML, plain data only: in C where PyYAML was built with it, which is ten times as fast."""

try:
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Loader"]

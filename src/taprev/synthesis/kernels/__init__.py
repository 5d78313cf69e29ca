"""The estimators: arrays in, numbers out, certified; they know no study, no domain and no settings."""

"""The cutover: gates, fence, drain, finish."""

"""The Training page: runs in progress and just finished."""

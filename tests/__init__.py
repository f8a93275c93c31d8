"""The tests mirror the rooms of src/headframe."""

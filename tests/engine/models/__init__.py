"""Models for tests, written as a modeller would: each module is a model that `Model.of` collects."""

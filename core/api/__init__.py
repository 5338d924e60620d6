"""The base of the REST API: collections, cursor pages, filters, entity tags, problem documents and their schema."""

"""A person's data: tables read from files, made into numbers, and dealt out in batches."""

"""A query's trip: typed in the field, asked of the engine, understood in chips, answered in the grid, explained."""

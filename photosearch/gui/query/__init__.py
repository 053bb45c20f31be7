"""A query's trip: typed, asked of the engine, shown as chips, answered in the grid, explained."""

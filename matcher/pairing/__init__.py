"""Who leads and who joins, for each chain and each county: chosen jointly, with proof."""

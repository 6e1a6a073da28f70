"""The chain map: demand, supply and gaps of every chain, in words and as a drawing."""

package match

// Select lists the units that are on at every token of [lo, hi) and off at each of the before tokens before and the after tokens after
// it, as far as [0, n) goes. on says whether unit u is on at token t. An empty range selects nothing.
func Select(on func(t, u int) bool, n, units, lo, hi, before, after int) []int {
	lo, hi = max(lo, 0), min(hi, n)
	if lo >= hi {
		return nil
	}
	var chosen []int
	from, to := max(0, lo-max(before, 0)), hi+min(n-hi, max(after, 0))
next:
	for u := range units {
		for t := from; t < to; t++ {
			if on(t, u) != (lo <= t && t < hi) {
				continue next
			}
		}
		chosen = append(chosen, u)
	}
	return chosen
}

package shell

import "loupe/app/state"

// Depth chooses the layer d below the chosen one; chosen is what the figure shows as that, as state pairs.
func (s *Session) Depth(chosen string, d int) {
	if s.Model != nil {
		s.change(false, func(st *state.State) {
			st.Patch(chosen)
			st.Layer = nextTo(st.Layer, d, s.Model.Layers)
		})
	}
}

// Item chooses the next head, or the next of units.
func (s *Session) Item(chosen string, d int, head bool, units int) {
	if s.Model == nil {
		return
	}
	s.change(false, func(st *state.State) {
		st.Patch(chosen)
		if head {
			st.Head = nextTo(st.Head, d, s.Model.Heads)
		} else {
			st.Unit = nextTo(st.Unit, d, units)
		}
	})
}

// nextTo is the choice d after i of n; from no choice it begins at the nearer end.
func nextTo(i, d, n int) int {
	if n == 0 {
		return -1
	}
	if i < 0 && d < 0 {
		i = n
	}
	return min(n-1, max(0, i+d))
}

// Reach moves the end of the range that begins at now.
func (s *Session) Reach(d int) {
	now := s.Now()
	if now < 0 {
		return
	}
	s.change(false, func(st *state.State) {
		a, b := st.Range[0], st.Range[1]
		switch {
		case b == 0 && d > 0:
			a, b = now, now+2
		case b == 0:
			a, b = now-1, now+1
		case d < 0 && b > now+1:
			b--
		case d < 0:
			a--
		case a < now:
			a++
		default:
			b++
		}
		a, b = max(0, a), min(len(s.Run.Tokens), b)
		if b-a < 2 {
			a, b = 0, 0
		}
		st.Range = [2]int{a, b}
	})
}

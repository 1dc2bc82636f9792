package beam

import "slices"

// Resume is Search where the first t steps go as those of an earlier search went, which took more than t: it begins with the t-th. What it finds is
// what Search would, as long as the models of both say the same up to there. The first call of step has the parents and ids that the earlier
// search had there.
func Resume(o Options, from *Result, t int, step Step) (*Result, error) {
	if t <= 0 {
		return Search(o, step)
	}
	s := &search{Options: o}
	s.Result.Live = slices.Clone(from.Live[:t])
	var before []int // what was live a step earlier
	for i, n := range from.Nodes {
		if n.Step >= t {
			break
		}
		if n.Step == t-1 {
			n.Next = nil
		}
		s.Nodes = append(s.Nodes, n)
		switch {
		case n.State == Ended:
			s.finish(i)
		case n.State == Live && n.Step == t-1:
			s.live = append(s.live, i)
		case n.State == Live && n.Step == t-2:
			before = append(before, i)
		}
	}
	var parents, ids []int
	for _, i := range s.live {
		parents = append(parents, slices.Index(before, s.Nodes[i].Parent))
		ids = append(ids, s.Nodes[i].ID)
	}
	return s.run(t, parents, ids, step)
}

// Agree is how many steps the searches of two options take alike, if the models do, of at most n.
func (o *Options) Agree(p *Options, n int) int {
	if o.Width != p.Width || o.Length != p.Length || o.Wu != p.Wu || o.Coverage != p.Coverage || o.Start != p.Start || o.First != p.First || o.Last != p.Last ||
		o.Top != p.Top || !slices.Equal(o.Ends, p.Ends) || !slices.Equal(o.Never, p.Never) || !slices.EqualFunc(o.Bad, p.Bad, slices.Equal[[]int]) ||
		o.Min != p.Min || o.NoRepeat != p.NoRepeat || o.Early != p.Early || o.Renorm != p.Renorm {
		return 0
	}
	if o.Early == Thorough && o.Length > 0 && o.Most != p.Most { // what is attainable hangs on it
		return 0
	}
	if o.Most != p.Most {
		n = min(n, o.Most-1, p.Most-1)
	}
	if slices.Equal(o.Prefix, p.Prefix) {
		return n
	}
	least := min(len(o.Prefix), len(p.Prefix))
	for t := range least {
		if o.Prefix[t] != p.Prefix[t] {
			least = t
			break
		}
	}
	return max(0, min(n, least-1)) // at its last token a prefix may end
}

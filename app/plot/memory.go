package plot

import "sync"

// Memory keeps the last Size things that were made from a key, so that what does not change is not drawn again: a picture
// stays while now moves over it. A key that holds a pointer to an answer's numbers tells it from others, for answers are
// never changed and are kept alive by the key.
type Memory[K comparable, V any] struct {
	Size  int
	mu    sync.Mutex
	made  map[K]V
	order []K
}

// Get returns what was made for key, or makes it.
func (m *Memory[K, V]) Get(key K, make_ func() V) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.made[key]; ok {
		return v
	}
	if m.made == nil {
		m.made = map[K]V{}
	}
	if len(m.order) >= m.Size {
		delete(m.made, m.order[0])
		m.order = m.order[1:]
	}
	v := make_()
	m.made[key], m.order = v, append(m.order, key)
	return v
}

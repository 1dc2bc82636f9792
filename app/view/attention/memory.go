package attention

import (
	"sync"

	"loupe/engine/protocol"
)

// made names something drawn from an array: moving now or the selection must not draw all pictures again.
type made struct {
	array *protocol.Array
	dark  bool
	what  string
}

const remembered = 12

var memory struct {
	sync.Mutex
	drawn map[made]string
	order []made
}

// remember returns what was drawn for key, or draws it. An answer's array is never changed, so its address tells it apart
// from others as long as it is kept here.
func remember(key made, draw func() string) string {
	memory.Lock()
	defer memory.Unlock()
	if v, ok := memory.drawn[key]; ok {
		return v
	}
	if memory.drawn == nil {
		memory.drawn = map[made]string{}
	}
	if len(memory.order) == remembered {
		delete(memory.drawn, memory.order[0])
		memory.order = memory.order[1:]
	}
	v := draw()
	memory.drawn[key], memory.order = v, append(memory.order, key)
	return v
}

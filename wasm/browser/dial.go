//go:build js

package browser

import (
	"strconv"
	"syscall/js"

	"loupe/app/client"
)

// conn is the page's end of one worker: an engine of web/engine.js.
type conn struct {
	engine js.Value
	tell   js.Func
}

// Dial starts an engine in a worker of its own; it is a client.Dial.
func Dial(receive func([]byte), alive func(), gone func(why string)) client.Conn {
	return dial("worker", receive, alive, gone)
}

// DialMapper starts a mapper; it is a client.Dial.
func DialMapper(receive func([]byte), alive func(), gone func(why string)) client.Conn {
	return dial("mapper", receive, alive, gone)
}

func dial(program string, receive func([]byte), alive func(), gone func(why string)) client.Conn {
	c := &conn{}
	c.tell = js.FuncOf(func(_ js.Value, args []js.Value) any {
		switch m := args[0]; {
		case m.Type() == js.TypeString:
			alive()
		case m.Get("gone").Truthy():
			gone(m.Get("gone").String())
		default:
			receive(toGo(m))
		}
		return nil
	})
	c.engine = global.Get("loupe").Call("engine", program, c.tell)
	return c
}

// Post sends a request. The worker holds its files by their number until it is answered.
func (c *conn) Post(msg []byte, files map[int]any) {
	held := map[string]any{}
	for ref, f := range files {
		switch f := f.(type) {
		case int:
			held[strconv.Itoa(ref)] = global.Get("loupe").Get("held").Index(f)
		case string:
			held[strconv.Itoa(ref)] = f
		case client.Held:
			held[strconv.Itoa(ref)] = map[string]any{"held": string(f)}
		case []byte:
			held[strconv.Itoa(ref)] = toJS(f)
		}
	}
	c.engine.Call("post", toJS(msg).Get("buffer"), held)
}

// Close ends the worker, whatever it does. Nothing is told after it.
func (c *conn) Close() {
	c.engine.Call("close")
	c.tell.Release()
}

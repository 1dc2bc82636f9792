//go:build js

// Package browser joins the page and the engine in its worker: the one package that touches the browser's API. Dial is
// the page's end, Worker the engine's. The few lines that are better said in JavaScript are web/engine.js (starts a worker)
// and web/worker.js (starts the engine in it, and tells how it ended).
package browser

import (
	"errors"
	"fmt"
	"syscall/js"
)

var (
	global     = js.Global()
	uint8Array = global.Get("Uint8Array")
)

// toJS copies b into a new Uint8Array.
func toJS(b []byte) js.Value {
	a := uint8Array.New(len(b))
	js.CopyBytesToJS(a, b)
	return a
}

// toGo copies an ArrayBuffer.
func toGo(buffer js.Value) []byte {
	b := make([]byte, buffer.Get("byteLength").Int())
	js.CopyBytesToGo(b, uint8Array.New(buffer))
	return b
}

// await waits for a promise. It must not be called from a callback: nothing would be left to settle the promise.
func await(promise js.Value) (js.Value, error) {
	type settled struct {
		v   js.Value
		err error
	}
	done := make(chan settled, 1)
	then := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{v: args[0]}
		return nil
	})
	defer then.Release()
	failed := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{err: errors.New(reason(args[0]))}
		return nil
	})
	defer failed.Release()
	promise.Call("then", then, failed)
	s := <-done
	return s.v, s.err
}

// try calls f and returns what JavaScript throws in it as an error.
func try(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			thrown, ok := p.(js.Error)
			if !ok {
				panic(p)
			}
			err = errors.New(reason(thrown.Value))
		}
	}()
	return f()
}

// reason is what a thrown value says.
func reason(v js.Value) string {
	if v.Type() == js.TypeObject && v.Get("message").Truthy() {
		return fmt.Sprintf("%s: %s", v.Get("name").String(), v.Get("message").String())
	}
	return v.String()
}

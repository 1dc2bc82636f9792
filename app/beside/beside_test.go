package beside

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
	"loupe/engine/service"
)

// conn is the real service behind a client.Dial, one request after another.
type conn struct {
	queue   chan protocol.Request
	receive func([]byte)
	files   map[int]any
}

func dial(receive func([]byte), _ func(), _ func(string)) client.Conn {
	c := &conn{queue: make(chan protocol.Request, 100), receive: receive}
	go func() {
		s := service.New(func(f protocol.FileRef) (io.ReaderAt, error) { return os.Open(c.files[f.Ref].(string)) }, nil)
		for r := range c.queue {
			s.Handle(context.Background(), r, func(kind protocol.Kind, body any) {
				b, err := protocol.EncodeReply(r.ID, kind, body)
				if err != nil {
					panic(err)
				}
				c.receive(b)
			})
		}
	}()
	return c
}

func (c *conn) Close() {}

func (c *conn) Post(msg []byte, files map[int]any) {
	r, err := protocol.DecodeRequest(msg)
	if err != nil {
		panic(err)
	}
	if files != nil {
		c.files = files
	}
	if r.Op != protocol.OpCancel {
		c.queue <- r
	}
}

// TestTranslated: an encoder-decoder translates the text as its files say but for what is set, with its attention and states; what is set otherwise is
// another run, and what was set before is still there.
func TestTranslated(t *testing.T) {
	posted := make(chan func(), 100)
	m := New(dial, func(f func()) { posted <- f })
	m.Files = func(c *figure.Card) (files []client.File) {
		names, err := filepath.Glob("../../web/models/" + c.ID + "/*")
		if err != nil || len(names) == 0 {
			t.Fatalf("%v: no files", err)
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, client.File{Name: filepath.Base(name), Size: info.Size(), Data: name})
		}
		return files
	}
	beam := func(n int) func(protocol.Decode) protocol.Decode {
		return func(d protocol.Decode) protocol.Decode {
			if n > 0 {
				d.Beam = n
			}
			return d
		}
	}
	card := &figure.Card{ID: "g2p-transformer"}
	run := func(n int) (b *figure.Beside) {
		t.Helper()
		end := time.After(20 * time.Second)
		for {
			m.Begin()
			b = m.Run(card, "phonograph", 0, beam(n))
			m.End()
			if b.Err != nil {
				t.Fatal(b.Err)
			}
			for _, r := range m.runs {
				if &r.b == b && r.done {
					return b
				}
			}
			select {
			case f := <-posted:
				f()
			case <-end:
				t.Fatal("it is not done")
			}
		}
	}
	own := run(0)
	if d := own.Translation.Decode; d.Beam != own.Model.Seq.Decode.Beam {
		t.Errorf("beam %d, its files say %d", d.Beam, own.Model.Seq.Decode.Beam)
	}
	steps, source := len(own.Translation.Hyps[0].Path), len(own.Translation.Source)
	if len(own.Cross) != len(own.Model.Seq.Cross) || own.States.Shape[0] != steps {
		t.Fatalf("%d layers, states %v, %d steps", len(own.Cross), own.States.Shape, steps)
	}
	for _, a := range own.Cross {
		if a.Shape[1] != steps || a.Shape[2] != source {
			t.Errorf("attention %v of %d steps and %d tokens", a.Shape, steps, source)
		}
	}
	two := run(2)
	if two == own || two.Translation.Decode.Beam != 2 || len(two.Translation.Hyps) > 2 {
		t.Errorf("%+v", two.Translation.Decode)
	}
	if again := run(0); again != own {
		t.Error("what was run is run again")
	}
}

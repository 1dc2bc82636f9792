package shell

import (
	"math"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

const (
	restAfter  = 150 * time.Millisecond // without a new frame
	waitFor    = 2 * time.Second        // the next frame of a map that is under way
	relabelled = 500 * time.Millisecond // between two choices of labels while a map moves
	easing     = 120 * time.Millisecond // in which two thirds of a change of the fit are made
	calm       = 500 * time.Millisecond // between two frames where motion is not wanted
	liveEvery  = 100 * time.Millisecond // between two drawings of Panel.Live
)

// scatterMotion draws the frames of a map that moves, or whose camera does, at the browser's own pace, and once more when it has come to
// rest.
type scatterMotion struct {
	v       *scatterView
	tick    app.Func
	asked   bool // a frame is
	rests   *time.Timer
	last    time.Time // the last frame
	labels  time.Time // when they were chosen
	reduced bool
}

func (m *scatterMotion) begin(v *scatterView) {
	*m = scatterMotion{v: v, reduced: matches("(prefers-reduced-motion: reduce)")}
	m.tick = app.FuncOf(func(app.Value, []app.Value) any {
		m.frame()
		return nil
	})
}

func (m *scatterMotion) end() {
	if m.rests != nil {
		m.rests.Stop()
	}
	if m.asked || m.tick == nil { // the browser will call once more; or it never began
		return
	}
	m.tick.Release()
}

// moves reports whether the map counts as moving.
func (m *scatterMotion) moves() bool { return time.Since(m.last) < m.patience() }

// patience is how long after a frame the map counts as moving.
func (m *scatterMotion) patience() time.Duration {
	if s := m.v.pic.S; s != nil && s.Map.Running && s.Map.Frame != nil && s.Map.Frame.Iter > 0 {
		return waitFor
	}
	return restAfter
}

// ask has a frame drawn soon.
func (m *scatterMotion) ask() {
	if m.asked {
		return
	}
	m.asked = true
	if wait := calm - time.Since(m.last); m.reduced && !m.v.hand.busy() && wait > 0 {
		time.AfterFunc(wait, func() { m.v.P.quiet(m.frame) })
		return
	}
	app.Window().Call("requestAnimationFrame", m.tick)
}

func (m *scatterMotion) frame() {
	m.asked = false
	v := m.v
	if !v.Mounted() {
		return
	}
	now := time.Now()
	p := &v.pic
	fit := p.Target()
	off := p.Fit.Off(fit, p.Dims)
	switch k := 1 - math.Exp(-float64(min(now.Sub(m.last), easing))/float64(easing)); {
	case off > 1.5 || m.reduced || m.last.IsZero(): // it is another map
		p.Fit = fit
	default:
		p.Fit = p.Fit.Towards(fit, k)
	}
	m.last = now
	v.draw(true)
	if now.Sub(m.labels) > relabelled {
		m.labels = now
		v.relabel()
	}
	if off > .002 && off <= 1.5 && !m.reduced {
		m.ask()
	}
	if m.rests == nil {
		m.rests = time.AfterFunc(m.patience(), m.rest)
	} else {
		m.rests.Reset(m.patience())
	}
}

// rest is called when no frame has come for a while.
func (m *scatterMotion) rest() {
	m.v.P.quiet(func() {
		if m.v.Mounted() && !m.asked && !m.moves() && !m.v.hand.busy() {
			m.v.pic.Fit = m.v.pic.Target()
			m.v.rest()
		}
	})
}

// still has every map drawn as it stands, at once: it is to be saved.
func (p *pointer) still() {
	for _, v := range p.scatters {
		v.ring(-1)
		v.pic.Fit = v.pic.Target()
		v.rest()
	}
}

// scatterMoved is called with each new frame of a slot's map.
func (p *page) scatterMoved(slot int) {
	q := p.pointer
	for _, v := range q.scatters {
		if s := v.pic.S; s != nil && s.Map != nil && s.Map.Spec.Slot == slot {
			v.motion.ask()
		}
	}
	if len(q.lives) == 0 || q.liveSoon {
		return
	}
	q.liveSoon = true
	time.AfterFunc(liveEvery, func() {
		q.quiet(func() {
			q.liveSoon = false
			for _, m := range q.lives {
				m.live()
			}
		})
	})
}

// quiet runs f where the page may be changed, without having go-app look for what changed.
func (p *pointer) quiet(f func()) {
	p.ctx.Dispatch(func(ctx app.Context) {
		ctx.PreventUpdate()
		f()
	})
}

// Package atlas makes the maps that views ask for: it has the model's engine give the vectors, hands them to the mapper, and has it go on
// step by step for as long as a map is looked at. All its methods are called on the session's goroutine.
package atlas

import (
	"loupe/app/client"
	"loupe/app/figure"
)

// Atlas is the maps of the open model, in two slots.
type Atlas struct {
	// Moved is called with each new frame of a slot's map: what stands where its places say is to be moved. Changed is called when
	// anything else about a map is new: the view is to be drawn again.
	Moved   func(slot int)
	Changed func()

	post   func(func())
	model  *client.Engine
	mapper *client.Engine
}

// New returns an atlas without maps. model gives vectors; dial starts a mapper, once it is needed.
func New(dial client.Dial, model *client.Engine, post func(func())) *Atlas {
	return &Atlas{post: post, model: model, mapper: client.New(dial), Moved: func(int) {}, Changed: func() {}}
}

// Map is figure.Input.Maps.
func (a *Atlas) Map(spec figure.MapSpec) *figure.Map { return nil }

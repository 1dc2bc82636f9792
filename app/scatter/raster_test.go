package scatter

import (
	"math"
	"slices"
	"testing"

	"loupe/app/figure"
)

// TestRaster paints each dot that is written as a path, where it stands, those of chosen rows above all others.
func TestRaster(t *testing.T) {
	const w, h = 300, 200
	page := Ink{250, 251, 252, 1}
	for _, dims := range []int{2, 3} {
		s := cloud(40, dims)
		s.Chosen = []int{7}
		s.Class[3] = figure.Hidden
		s.Map.Frame.Y[dims*4] = float32(math.NaN())
		copy(s.Map.Frame.Y[dims*8:dims*9], s.Map.Frame.Y[dims*7:dims*8]) // a row that is not chosen, in the same place
		p := picture(s, w, h, Start)
		p.Cam = p.Zoomed(1.7, 150, 100) // some are out of sight, some at the edge
		p.Place()
		p.Blank()
		inks := slices.Repeat([]Ink{{0, 0, 0, 1}}, len(p.Paths))
		inks[len(inks)-1] = Ink{200, 10, 90, 1}
		pixels := slices.Repeat([]byte{9}, 4*w*h+3)
		p.Raster(pixels, w, h, page, inks)
		at := func(x, y int) [4]byte { return [4]byte(pixels[4*(y*w+x):]) }
		near := slices.Repeat([]bool{false}, w*h)
		for i := range p.n {
			x, y := p.X[i], p.Y[i]
			if s.Class[i] == figure.Hidden || !(x > -6 && y > -6 && x < w+6 && y < h+6) {
				continue
			}
			for dy := -4; dy <= 4; dy++ {
				for dx := -4; dx <= 4; dx++ {
					if u, v := int(x)+dx, int(y)+dy; u >= 0 && v >= 0 && u < w && v < h {
						near[v*w+u] = true
					}
				}
			}
			if x < 1 || y < 1 || x > w-2 || y > h-2 {
				continue
			}
			want := [4]byte{0, 0, 0, 255}
			if i == 7 || i == 8 {
				want = [4]byte{200, 10, 90, 255}
			}
			if got := at(int(x), int(y)); got != want && got != [4]byte{200, 10, 90, 255} {
				t.Errorf("%d dimensions, row %d at %.1f %.1f: %v, want %v", dims, i, x, y, got, want)
			}
		}
		for k := range near {
			if got := at(k%w, k/w); !near[k] && got != [4]byte{250, 251, 252, 255} {
				t.Fatalf("%d dimensions: ink at %d %d, where no dot is: %v", dims, k%w, k/w, got)
			}
		}
		if !slices.Equal(pixels[4*w*h:], []byte{9, 9, 9}) {
			t.Error("it paints beyond the picture")
		}
		p.Raster(nil, w, h, page, inks)
		p.Raster(pixels, 0, h, page, inks)
	}
}

// TestInk lays an ink over what there is, as its opacity says.
func TestInk(t *testing.T) {
	pixels := []byte{100, 100, 100, 255}
	k := Ink{200, 0, 100, .5}.solid(2)
	k.square(pixels, 1, 1, 0, 0)
	if pixels[0] != 150 || pixels[1] != 50 || pixels[2] != 100 || pixels[3] != 255 {
		t.Error(pixels)
	}
}

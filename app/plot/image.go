package plot

import (
	"encoding/base64"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
)

// Picture is a data: URL of a PNG of rows x cols cells, one pixel a cell; at gives a cell's colour, or false for a
// transparent one. One picture instead of a rect a cell: 10 to 100 times cheaper to draw.
func Picture(rows, cols int, at func(r, c int) (RGB, bool)) string {
	raw := make([]byte, 0, rows*(1+4*cols))
	for r := 0; r < rows; r++ {
		raw = append(raw, 0) // no filter
		for c := 0; c < cols; c++ {
			p, ok := at(r, c)
			if !ok {
				raw = append(raw, 0, 0, 0, 0)
				continue
			}
			raw = append(raw, p[0], p[1], p[2], 255)
		}
	}
	return dataURL(chunk(header(rows, cols, rgba), "IDAT", stored(raw)))
}

// Levels is Picture for one scale, a byte a cell: at gives a cell's place on the scale, which is clamped, or NaN for a
// transparent cell. A quarter of Picture's bytes, for large pictures and for many.
func Levels(rows, cols int, s *Scale, at func(r, c int) float64) string {
	const levels = 255 // colour 0 is the transparent one
	lo, span := 0.0, 1.0
	if s.diverging {
		lo, span = -1, 2
	}
	colours := make([]byte, 3, 3*(levels+1))
	for i := range levels {
		c := s.At(lo + span*float64(i)/(levels-1))
		colours = append(colours, c[0], c[1], c[2])
	}
	raw := make([]byte, 0, rows*(1+cols))
	for r := range rows {
		raw = append(raw, 0) // no filter
		for c := range cols {
			level := byte(0)
			if v := at(r, c); v == v {
				level = 1 + byte(min(1, max(0, (v-lo)/span))*(levels-1)+.5)
			}
			raw = append(raw, level)
		}
	}
	png := chunk(header(rows, cols, indexed), "PLTE", colours)
	png = chunk(png, "tRNS", []byte{0})
	return dataURL(chunk(png, "IDAT", stored(raw)))
}

// Colour types of a PNG (PNG specification, 11.2.2), 8 bits a sample.
const (
	indexed = 3
	rgba    = 6
)

func header(rows, cols int, colour byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(cols))
	head = binary.BigEndian.AppendUint32(head, uint32(rows))
	return chunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", append(head, 8, colour, 0, 0, 0))
}

func dataURL(png []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(chunk(png, "IEND", nil))
}

// chunk appends a PNG chunk (PNG specification, 5.3).
func chunk(png []byte, kind string, data []byte) []byte {
	png = binary.BigEndian.AppendUint32(png, uint32(len(data)))
	body := append([]byte(kind), data...)
	png = append(png, body...)
	return binary.BigEndian.AppendUint32(png, crc32.ChecksumIEEE(body))
}

// stored is a zlib stream of stored blocks (RFC 1950, RFC 1951 3.2.4): no compressor in the page's program.
func stored(raw []byte) []byte {
	z := []byte{0x78, 0x01}
	for rest := raw; ; {
		n := min(len(rest), 65535)
		last := byte(0)
		if n == len(rest) {
			last = 1
		}
		z = append(z, last, byte(n), byte(n>>8), byte(^n), byte(^n>>8))
		z = append(z, rest[:n]...)
		if rest = rest[n:]; last == 1 {
			break
		}
	}
	return binary.BigEndian.AppendUint32(z, adler32.Checksum(raw))
}

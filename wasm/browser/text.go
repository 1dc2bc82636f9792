//go:build js

package browser

// Decode makes text of bytes in an encoding of the WHATWG's Encoding Standard. What is no character becomes U+FFFD.
func Decode(label string, b []byte) (text string, err error) {
	err = try(func() error {
		text = global.Get("TextDecoder").New(label).Call("decode", toJS(b)).String()
		return nil
	})
	return text, err
}

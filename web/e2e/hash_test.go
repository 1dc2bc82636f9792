package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"testing"
)

func sha(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// hashIn is the hash that a service worker knows of the page.
func hashIn(t *testing.T, worker []byte) string {
	t.Helper()
	m := regexp.MustCompile(`"":"([0-9a-f]{64})"`).FindSubmatch(worker)
	if m == nil {
		t.Fatal("sw.js knows no page")
	}
	return string(m[1])
}

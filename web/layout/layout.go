// Package layout holds the test of the module's layout: who may import whom. See ARCHITECTURE.md.
package layout

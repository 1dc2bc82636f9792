package main

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
)

// array is one named float32 array of an npz.
type array struct {
	name  string
	shape []int
	data  []float32
}

// writeNPZ writes what numpy.load reads: a zip of .npy members, stored.
func writeNPZ(path string, arrays []array) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	z := zip.NewWriter(f)
	for _, a := range arrays {
		w, err := z.CreateHeader(&zip.FileHeader{Name: a.name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := writeNPY(w, a); err != nil {
			return err
		}
	}
	return z.Close()
}

// writeNPY writes an array in format version 1.0 (numpy.lib.format).
func writeNPY(w io.Writer, a array) error {
	if err := writeNPYHead(w, a.shape); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, a.data)
}

// writeNPYHead writes what stands before the numbers: magic, length, a header padded to 64 bytes.
func writeNPYHead(w io.Writer, shape []int) error {
	dims := ""
	for _, d := range shape {
		dims += fmt.Sprint(d, ",")
	}
	head := "{'descr': '<f4', 'fortran_order': False, 'shape': (" + dims + "), }"
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	_, err := io.WriteString(w, "\x93NUMPY\x01\x00"+string(binary.LittleEndian.AppendUint16(nil, uint16(len(head))))+head)
	return err
}

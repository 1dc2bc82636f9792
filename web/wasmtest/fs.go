package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"syscall"
)

// openFlags are Node's names of the flags of open, as this system numbers them.
var openFlags = map[string]int{"O_WRONLY": os.O_WRONLY, "O_RDWR": os.O_RDWR, "O_CREAT": os.O_CREATE, "O_TRUNC": os.O_TRUNC,
	"O_APPEND": os.O_APPEND, "O_EXCL": os.O_EXCL, "O_DIRECTORY": syscall.O_DIRECTORY}

// files answers the program's file calls, one POST each: ?call={"op":..}, with the bytes to write as the body.
// The answer is the bytes that were read or JSON; an error is the header Errno, "ENOENT".
type files struct {
	mu   sync.Mutex
	open map[int]*os.File
	next int
	exit chan<- int
}

func newFiles(exit chan<- int) *files {
	return &files{open: map[int]*os.File{0: os.Stdin, 1: os.Stdout, 2: os.Stderr}, next: 3, exit: exit}
}

// call is one call of those of Node's fs that tests need, with the names of its parameters there.
type call struct {
	Op         string
	Path, To   string
	FD         int
	Flags      int
	Mode       os.FileMode
	Length     int64
	Position   *int64
	ExitStatus int
}

func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var c call
	if err := json.Unmarshal([]byte(r.URL.Query().Get("call")), &c); err != nil || r.Method != http.MethodPost {
		http.Error(w, "not a call", http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := f.do(c, body)
	if err != nil {
		w.Header().Set("Errno", errno(err))
		return
	}
	if raw, ok := answer.([]byte); ok {
		w.Write(raw)
		return
	}
	json.NewEncoder(w).Encode(answer)
}

// do is one call; it answers as Node's callback does.
func (f *files) do(c call, body []byte) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch c.Op {
	case "exit":
		f.exit <- c.ExitStatus
		return nil, nil
	case "cwd":
		return os.Getwd()
	case "chdir":
		return nil, os.Chdir(c.Path)
	case "open":
		return f.openFile(c)
	case "readdir":
		return names(c.Path)
	case "stat":
		return stat(os.Stat(c.Path))
	case "lstat":
		return stat(os.Lstat(c.Path))
	case "mkdir":
		return nil, os.Mkdir(c.Path, c.Mode)
	case "unlink", "rmdir":
		return nil, os.Remove(c.Path)
	case "rename":
		return nil, os.Rename(c.Path, c.To)
	}
	file, ok := f.open[c.FD]
	if !ok {
		return nil, syscall.EBADF
	}
	switch c.Op {
	case "fstat":
		return stat(file.Stat())
	case "close":
		delete(f.open, c.FD)
		return nil, file.Close()
	case "read":
		return read(file, c)
	case "write":
		if c.Position != nil {
			return result(file.WriteAt(body, *c.Position))
		}
		return result(file.Write(body))
	}
	return nil, syscall.ENOSYS
}

func (f *files) openFile(c call) (any, error) {
	file, err := os.OpenFile(c.Path, c.Flags, c.Mode)
	if err != nil {
		return nil, err
	}
	f.next++
	f.open[f.next] = file
	return f.next, nil
}

func read(file *os.File, c call) (any, error) {
	b := make([]byte, c.Length)
	var n int
	var err error
	if c.Position != nil {
		n, err = file.ReadAt(b, *c.Position)
	} else {
		n, err = file.Read(b)
	}
	if err == io.EOF {
		err = nil
	}
	return b[:n], err
}

func names(path string) (any, error) {
	entries, err := os.ReadDir(path)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// stat is Node's fs.Stats.
func stat(info os.FileInfo, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	s := info.Sys().(*syscall.Stat_t)
	ms := info.ModTime().UnixMilli()
	return map[string]any{"dev": s.Dev, "ino": s.Ino, "mode": s.Mode, "nlink": s.Nlink, "uid": s.Uid, "gid": s.Gid, "rdev": s.Rdev,
		"size": s.Size, "blksize": s.Blksize, "blocks": s.Blocks, "atimeMs": ms, "mtimeMs": ms, "ctimeMs": ms}, nil
}

func result(n int, err error) (any, error) { return n, err }

// errno is the name of an error that Go's fs_js.go knows.
func errno(err error) string {
	for e, name := range map[error]string{syscall.ENOENT: "ENOENT", syscall.EEXIST: "EEXIST", syscall.EISDIR: "EISDIR", syscall.ENOTDIR: "ENOTDIR",
		syscall.EACCES: "EACCES", syscall.EPERM: "EPERM", syscall.EBADF: "EBADF", syscall.EINVAL: "EINVAL", syscall.ENOTEMPTY: "ENOTEMPTY",
		syscall.ENOSYS: "ENOSYS", os.ErrClosed: "EBADF"} {
		if errors.Is(err, e) {
			return name
		}
	}
	return "EIO"
}

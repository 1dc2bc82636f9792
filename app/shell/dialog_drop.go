package shell

func (p *pointer) listenDrop() {}

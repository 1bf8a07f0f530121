// Lets a build against a GOPATH, as Debian packages it, find Pion under its versioned import path.
module sluice/bench/compare/pion

go 1.19

// A clock for several places.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata"
)

//go:embed page.html
var source string

var page = template.Must(template.New("page").Parse(source))

type clock struct {
	Zone string `json:"zone"`
	Time string `json:"time"`
}

func in(zone string) (clock, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return clock{}, err
	}
	return clock{zone, time.Now().In(location).Format("15:04:05")}, nil
}

func variable(name, other string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return other
}

func index(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	var times []clock
	for _, zone := range []string{"UTC", "Europe/Berlin", "Asia/Tokyo"} {
		if c, err := in(zone); err == nil {
			times = append(times, c)
		}
	}
	facts := map[string]any{"Greeting": variable("GREETING", "World clock"), "Dyno": variable("DYNO", "local"), "Times": times}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, facts); err != nil {
		log.Print(err)
	}
}

func asJSON(w http.ResponseWriter, r *http.Request) {
	c, err := in(r.URL.Query().Get("zone"))
	if err != nil {
		http.Error(w, "no such zone", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(c); err != nil {
		log.Print(err)
	}
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", index)
	mux.HandleFunc("/time", asJSON)
	server := &http.Server{Addr: ":" + variable("PORT", "3000"), Handler: mux, ReadHeaderTimeout: 10 * time.Second}

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-stop.Done()
		log.Print("finishing the requests under way")
		if err := server.Shutdown(context.Background()); err != nil {
			log.Print(err)
		}
	}()

	log.Printf("listening on %s", server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-ended
}

// Short links, kept in memory.
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"

	"github.com/gin-gonic/gin"
)

type links struct {
	sync.Mutex
	targets []string
}

func (l *links) add(target string) int {
	l.Lock()
	defer l.Unlock()
	l.targets = append(l.targets, target)
	return len(l.targets)
}

func (l *links) get(number int) (string, bool) {
	l.Lock()
	defer l.Unlock()
	if number < 1 || number > len(l.targets) {
		return "", false
	}
	return l.targets[number-1], true
}

func main() {
	kept := &links{}
	app := gin.Default()
	if err := app.SetTrustedProxies(nil); err != nil {
		panic(err)
	}

	app.GET("/", func(c *gin.Context) {
		greeting := os.Getenv("GREETING")
		if greeting == "" {
			greeting = "Short links"
		}
		c.String(http.StatusOK, "%s, served by Gin %s in %s mode.\nPOST url=https://... to /links, then GET /links/1.\n", greeting, gin.Version, gin.Mode())
	})
	app.POST("/links", func(c *gin.Context) {
		target, err := url.Parse(c.PostForm("url"))
		if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Host == "" {
			c.JSON(http.StatusBadRequest, gin.H{"error": "url must be an http or https address"})
			return
		}
		c.JSON(http.StatusCreated, gin.H{"link": fmt.Sprintf("/links/%d", kept.add(target.String()))})
	})
	app.GET("/links/:number", func(c *gin.Context) {
		var number int
		if _, err := fmt.Sscanf(c.Param("number"), "%d", &number); err == nil {
			if target, ok := kept.get(number); ok {
				c.Redirect(http.StatusFound, target)
				return
			}
		}
		c.JSON(http.StatusNotFound, gin.H{"error": "no such link"})
	})

	// Listens on $PORT.
	if err := app.Run(); err != nil {
		panic(err)
	}
}

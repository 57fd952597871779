(ns sample.core
  (:require [compojure.core :refer [defroutes GET]]
            [compojure.route :as route]
            [ring.adapter.jetty :refer [run-jetty]]
            [ring.middleware.params :refer [wrap-params]])
  (:gen-class))

(defn- variable [name otherwise]
  (or (System/getenv name) otherwise))

(defn- text [body]
  {:status 200 :headers {"Content-Type" "text/plain; charset=utf-8"} :body body})

(defroutes routes
  (GET "/" []
    (text (str (variable "GREETING" "Hello from Clojure on Ring")
               "\nRelease: " (variable "HEROKU_RELEASE_VERSION" "none")
               ", Dyno: " (variable "DYNO" "local") "\n")))
  (GET "/greet/:name" [name]
    (text (str "Hello, " name "\n")))
  (route/not-found "Not found\n"))

(def app (wrap-params routes))

(defn -main [& _]
  (run-jetty app {:host "0.0.0.0" :port (Integer/parseInt (variable "PORT" "3000"))}))

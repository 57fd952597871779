(defproject clojure-ring "1.0.0"
  :description "A small Ring and Compojure app"
  :min-lein-version "2.0.0"
  :dependencies [[org.clojure/clojure "1.11.1"]
                 [ring/ring-core "1.8.2"]
                 [ring/ring-jetty-adapter "1.8.2"]
                 [compojure "1.6.0"]]
  :exclusions [org.clojure/clojure]
  :main sample.core
  :uberjar-name "clojure-ring.jar"
  :profiles {:uberjar {:aot :all}})

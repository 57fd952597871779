name := "scala-sample"
version := "1.0"
scalaVersion := "2.11.12"

namespace PaaS.Buildpacks;

/// <summary>Init scripts of a build, in the Groovy that Gradle 3 to 9 take.</summary>
internal static class GradleScripts
{
    /// <summary>
    /// Prints, after the build's scripts were read, whether the root project has a task <c>stage</c>, and the framework that its dependencies
    /// and those of its subprojects show: what is resolved tells more than what a script says.
    /// </summary>
    public const string Probe = """
        gradle.projectsEvaluated {
            def modules = new TreeSet()
            gradle.rootProject.allprojects.each { project ->
                ['compileClasspath', 'runtimeClasspath'].each { name ->
                    def classpath = project.configurations.findByName(name)
                    if (classpath != null) {
                        try {
                            classpath.incoming.resolutionResult.allDependencies.each { modules << it.requested.toString() }
                        } catch (Exception ignored) {
                            // The build itself will say so in Gradle's own words.
                        }
                    }
                }
            }
            def has = { text -> modules.any { it.contains(text) } }
            def framework = has('org.springframework.boot:') ? (has('webapp-runner') ? 'spring-boot-webapp-runner' : 'spring-boot')
                : has('io.micronaut:') ? 'micronaut'
                : has('io.quarkus:') ? 'quarkus'
                : has('io.ratpack:') ? 'ratpack'
                : ''
            println "\npaas-probe stage=${gradle.rootProject.tasks.findByName('stage') != null} framework=${framework}"
        }

        """;

    /// <summary>The script that sends builds to the operator's repository, or null where they go to the public ones.</summary>
    public static string? Mirror(MavenIndex index) => index.Central is not { } address ? null : $$"""
        def mirror = new URI({{Literal(address)}})
        def redirect = { repository ->
            if (repository instanceof MavenArtifactRepository && repository.url.scheme != 'file' && {{(index.IsSystem ? "true" : "(repository.url.host ==~ /repo1?(\\.maven\\.apache|\\.maven)\\.org/)")}}) {
                if (mirror.scheme == 'http' && repository.hasProperty('allowInsecureProtocol')) {
                    repository.allowInsecureProtocol = true
                }
                repository.url = mirror
            }
        }
        allprojects {
            buildscript.repositories.all(redirect)
            repositories.all(redirect)
        }
        gradle.settingsEvaluated { settings ->
            ['pluginManagement', 'dependencyResolutionManagement'].each { name ->
                if (settings.hasProperty(name)) {
                    settings."$name".repositories.all(redirect)
                }
            }
        }

        """;

    private static string Literal(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}

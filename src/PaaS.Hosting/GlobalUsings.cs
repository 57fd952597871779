global using PaaS.Core;
